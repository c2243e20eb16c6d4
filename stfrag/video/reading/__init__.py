"""Videos into stores, through PyAV."""
