"""Tests of the MCP server and the command line."""
