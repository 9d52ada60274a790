# make demo         the main job end to end; KEEP=1 leaves the lab and the UI up until Ctrl-C
# make demo-engagement   thirty days with a customer in two minutes, on the real lab
# make test         every test; installs the Debian packages it needs
# make bench        times and rates, printed, never asserted
# make lint         formatting, vet, staticcheck, workflowcheck
# make fuzz         every fuzz target for FUZZTIME each, two at a time
# make install      ccl into PREFIX/bin

GO       ?= go
OUT      ?= out/demo
PREFIX   ?= /usr/local
FUZZTIME ?= 60s
SOURCES  := $(shell find . -name '*.go' -o -name '*.yaml' -o -name '*.yml' -o -name '*.cfg' -o -name '*.tmpl' -o -name '*.css' -o -name '*.txt' -o -name go.mod -o -name go.sum)

.PHONY: all build demo demo-engagement test bench lint fuzz install clean

all: build

build: bin/ccl

# -trimpath keeps the builder's folders out of the binary and of the call
# stacks that the Temporal UI shows.
bin/ccl: $(SOURCES)
	@[ -e bin/ccl ] || echo "ccl: building; the first time this takes some minutes, the Temporal server is in it"
	$(GO) build -trimpath -ldflags '-s -w' -o $@ ./cmd/ccl

demo: build
	@.ci/deps run
	./bin/ccl demo --out $(OUT) $(if $(KEEP),--keep)

demo-engagement: build
	@.ci/deps run
	./bin/ccl demo --engagement --out $(OUT)-engagement

# The whole program comes last and alone: it measures outages, and other tests
# beside it would be in the way.
test:
	@.ci/deps test
	$(GO) test -timeout 30m $$($(GO) list ./... | grep -v /cmd/ccl$$)
	$(GO) test -timeout 30m ./cmd/ccl

bench: build
	@.ci/deps test
	./.ci/bench

lint:
	@.ci/lint

fuzz:
	@.ci/fuzz $(FUZZTIME)

install: build
	install -m 755 bin/ccl $(DESTDIR)$(PREFIX)/bin/ccl

clean:
	rm -rf bin out
