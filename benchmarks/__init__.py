"""Programs that measure the package."""
