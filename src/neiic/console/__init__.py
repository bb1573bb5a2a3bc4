"""The console: the reviewers' web pages, and the HTTP API behind them."""
