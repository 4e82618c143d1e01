"""The promotion gate: a challenger that is worse on an intent than the model that serves does not replace it."""
