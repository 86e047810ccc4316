"""Programs of one point each; run them from a clone."""
