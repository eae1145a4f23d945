"""From a symptom to a proven, authorised, rehearsed rollback, and what is learnt from it."""
