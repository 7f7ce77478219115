module yolovino/examples/go

go 1.21
