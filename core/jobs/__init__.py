"""Long work as subprocesses that outlive the server: spec, progress, launcher, worker."""
