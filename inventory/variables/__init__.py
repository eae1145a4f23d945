"""Names of environment variables: where files set, read, declare and pass them on."""
