"""What panels cost: prices, projections, accounts, reconciliation with the provider's count."""
