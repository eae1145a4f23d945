"""Third parties: routes they call, schedules, redirects, resources and integrations."""
