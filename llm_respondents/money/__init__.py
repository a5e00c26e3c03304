"""What panels cost: prices, forecasts, accounts, reconciliation with the provider's count."""
