"""What a change leaves to be built again: tracked generated files, bundles, build outputs, images."""
