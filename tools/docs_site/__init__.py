"""What the docs site has beside the pages of docs/: its menu, the API, notebooks."""
