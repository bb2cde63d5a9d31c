# Sandcastle. `make demo` plays the first lesson; `make test` is what has to pass. Both need only Go and
# make: Go fetches the modules that go.mod names.

GO ?= go

.PHONY: demo test build vet fmt race bench fuzz seeds chaos clean

demo: build
	./bin/sandcastle run replication/leader-failover

build:
	$(GO) build -o bin/sandcastle ./cmd/sandcastle

# Formatting, vet, and every test, the layout test among them.
test: fmt vet
	$(GO) test ./...

fmt:
	@bad="$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))"; \
	if [ -n "$$bad" ]; then echo "not gofmt-ed: $$bad"; exit 1; fi

vet:
	$(GO) vet ./...

# The determinism tests with the race detector on; needs a C compiler.
race:
	$(GO) test -race ./sim ./scenarios ./cmd/sandcastle

# Every budget of the README, on one core and with the command's own setting of the collector. BENCH picks
# some, as in `make bench BENCH=Kernel`.
BENCH ?= .
bench:
	GOMAXPROCS=1 GOGC=400 $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

# Every fuzz target for FUZZTIME each.
FUZZTIME ?= 30s
fuzz:
	@for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; done

# Every lesson under SEEDS seeds; `make test` takes 20.
SEEDS ?= 200
seeds:
	SANDCASTLE_SEEDS=$(SEEDS) $(GO) test -run 'TestLessons' -timeout 60m ./scenarios

# CHAOS random clusters under random faults; `make test` takes a few.
CHAOS ?= 1000
chaos:
	SANDCASTLE_CHAOS=$(CHAOS) $(GO) test -run 'TestChaos' -timeout 60m ./scenarios

clean:
	rm -rf bin out
