# make demo   the main job, end to end      make test   every test
.PHONY: build test
build:
	go build -trimpath -o bin/ccl ./cmd/ccl
test:
	go test ./...
