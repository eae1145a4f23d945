"""Tests of commit dependence."""
