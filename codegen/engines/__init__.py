"""One folder for each upstream, with what is special about it: where facts stand in its source, and what people say of them."""
