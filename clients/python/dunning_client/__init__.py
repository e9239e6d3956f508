"""A client of the dunning service: `Client` waits for its answers, `AsyncClient` awaits them."""

from dunning_client.async_client import AsyncClient
from dunning_client.client import Client
from dunning_client.problems import Problem
from dunning_client.webhooks import WebhookInvalid, verify_webhook

__all__ = ["AsyncClient", "Client", "Problem", "WebhookInvalid", "verify_webhook"]
