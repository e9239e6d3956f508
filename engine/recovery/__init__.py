"""What dunning brought: experiments and figures, as pure functions (figures.md)."""
