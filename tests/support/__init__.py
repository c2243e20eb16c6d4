"""What tests share: material, pictures of every format, paths."""
