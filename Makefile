# Sandcastle. `make demo` plays the first lesson; `make test` is what has to pass. Both need only Go and
# make: Go fetches the modules that go.mod names.

GO ?= go

# Whose turn it is among seeds, mutants and random clusters, of which `make test` takes a few: it moves on with
# each commit.
ROTATION ?= $(shell git rev-list --count HEAD 2>/dev/null || echo 0)
export SANDCASTLE_ROTATION = $(ROTATION)

.PHONY: demo course readme test lint check-scripts test-browser build vet fmt race bench scale fuzz seeds swarm swarm-coverage mutated mutants test-kafka test-clients test-zookeeper test-oracle test-crash test-slurm test-noise test-partitions soak soak-memory bench-clients clean

demo: build
	./bin/sandcastle run replication/leader-failover

build:
	$(GO) build -o bin/sandcastle ./cmd/sandcastle

# Formatting, vet, and every test, the rules of the house (cmd/house) among them; and those of the kernel's
# examples, which are a module of their own.
test: fmt
	$(GO) test -vet=all ./...
	cd sim/example && $(GO) test -vet=all ./...

# What the tools say that go.mod pins: staticcheck, deadcode (cmd/house/deadcode.txt is what may stay) and
# govulncheck. ST1011 is off because a setting bears the name of its key: retention.ms is RetentionMs.
# Go fetches the tools as it does any module. The list of vulnerabilities comes from the network: without one
# the target says so and goes on.
lint:
	$(GO) tool staticcheck -checks inherit,-ST1011 ./...
	staticcheck="$$($(GO) tool -n staticcheck)" && cd sim/example && "$$staticcheck" ./...
	SANDCASTLE_LINT=1 $(GO) test -count=1 -run 'TestDeadCode' ./cmd/house
	@echo "$(GO) tool govulncheck ./..."; out="$$($(GO) tool govulncheck ./... 2>&1)"; code=$$?; \
	case "$$code $$out" in \
	  0*) echo "$$out" ;; \
	  *"fetching vulnerabilities"*) echo "$$out"; \
	    echo "OFFLINE: the list of vulnerabilities was not reached, so NOTHING WAS CHECKED FOR KNOWN VULNERABILITIES" ;; \
	  *) echo "$$out"; exit $$code ;; \
	esac

# The types of report.html's script, which stand in its comments, by TypeScript. Needs node and npm.
TYPESCRIPT ?= 7.0.2
check-scripts:
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then echo "check-scripts: skipped, because there is no node and no npm here"; exit 0; fi; \
	mkdir -p out/typescript && npm install --silent --no-package-lock --prefix out/typescript typescript@$(TYPESCRIPT) && \
	out/typescript/node_modules/.bin/tsc -p reports/page/script && echo "check-scripts: the types hold"

# report.html in a real Chromium: keys, filters, links, looks, and the time that 100,000 events take. SHOTS is a
# directory that takes a picture of every page.
SHOTS ?= $(CURDIR)/out/shots
test-browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { echo "there is no Chromium: apt-get install -y chromium"; apt-get install -y chromium; }
	SANDCASTLE_BROWSER=1 SANDCASTLE_SHOTS=$(SHOTS) $(GO) test -count=1 -run 'TestPage' -v ./reports/page

fmt:
	@bad="$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))"; \
	if [ -n "$$bad" ]; then echo "not gofmt-ed: $$bad"; exit 1; fi

vet:
	$(GO) vet ./...

# The determinism tests, and everything on real sockets, with the race detector on; needs a C compiler. Mutants
# are hunted in binaries of their own, which have no detector.
race:
	SANDCASTLE_MUTANTS=none $(GO) test -race ./sim ./scenarios/... ./reports/teach ./broker/tools ./broker/serve ./broker/metrics ./cmd/sandcastle
	$(GO) test -race -short ./broker/conformance ./broker/host

# Every budget of scenarios/BENCHMARKS.md, on one core and with the command's own setting of the collector. BENCH picks
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

# Every lesson under SEEDS seeds; `make test` takes one of the first 20, another with each commit.
SEEDS ?= 200
seeds:
	SANDCASTLE_SEEDS=$(SEEDS) $(GO) test -run 'TestLessons' -timeout 60m ./scenarios

# SEEDS seeds (A..B, or how many), each of which draws a whole scenario: cluster, settings, clients, operators,
# faults. `make test` plays a few dozen, others with each commit.
SWARM = $(if $(findstring ..,$(SEEDS)),$(SEEDS),1..$(SEEDS))
swarm: build
	./bin/sandcastle sweep --swarm --seeds $(SWARM) --out out/swarm/sweep-$(SWARM)

# Which functions of the program no seed of the swarm reaches. What cannot be reached is excused, with its reason,
# in scenarios/swarm/testdata/unreached.txt.
swarm-coverage:
	SANDCASTLE_SWARM_COVERAGE=$(SWARM) $(GO) test -count=1 -run 'TestSwarmReachesTheCode' -v -timeout 120m ./scenarios/swarm

# MUTATED lessons, changed at random in structure, types, numbers, roles and names: each is played or refused with
# its place, within time and memory; `make test` plays a few.
MUTATED ?= 3000
mutated:
	SANDCASTLE_MUTATED=$(MUTATED) $(GO) test -count=1 -run 'TestMutatedLessons' -rapid.checks=$(MUTATED) -timeout 120m ./cmd/sandcastle

# Every planted bug, each hunted by 2,000 seeds of the swarm alone; `make test` hunts two, others with each commit.
mutants:
	SANDCASTLE_MUTANTS=all $(GO) test -run 'TestMutants' -v -timeout 60m ./scenarios

# The cost of an event in clusters of many sizes, each measured five times, and its figure in BENCHMARKS.md.
scale:
	mkdir -p out
	GOMAXPROCS=1 GOGC=400 $(GO) test -run '^$$' -bench 'EventCost' -benchtime 300000x -count 5 ./scenarios | tee out/scale.txt
	SANDCASTLE_SCALE=$(CURDIR)/out/scale.txt $(GO) test -count=1 -run 'TestScaleFigure' ./reports/figures

# Every lesson played, and out/index.html, the page that leads through them.
course: build
	./bin/sandcastle course

# The tables in the READMEs, and what they show of a run, from the code and the program.
readme:
	$(GO) test -count=1 -run 'TestReadme' ./cmd/house -rewrite

# Apache Kafka's own dump tool and checkpoint readers on files that our log wrote. Needs Java and Maven.
KAFKA ?= 3.9.0
KAFKA_LIBS = $(CURDIR)/out/kafka-$(KAFKA)
test-kafka:
	@command -v java mvn >/dev/null || { echo "install Java and Maven first: apt-get install -y default-jre-headless maven"; exit 1; }
	mvn -q dependency:get -Dartifact=org.apache.kafka:kafka_2.13:$(KAFKA) -Dmaven.repo.local=$(KAFKA_LIBS)/m2
	mkdir -p $(KAFKA_LIBS)/libs && find $(KAFKA_LIBS)/m2 -name '*.jar' -exec cp {} $(KAFKA_LIBS)/libs/ \;
	SANDCASTLE_KAFKA_LIBS=$(KAFKA_LIBS)/libs $(GO) test -count=1 -run 'TestKafka' -v ./broker/log ./broker/wire

# The clients that people use at their ordinary work: franz-go, sarama, kafka-go; kcat and kafkajs; Kafka's own Java
# client with Streams and Connect; kafka-python, aiokafka and confluent-kafka. What runs them is installed from
# Debian's packages where it is missing; a client that cannot run here is skipped, and said so.
test-clients:
	@need() { command -v "$$1" >/dev/null || { shift; apt-get install -y "$$@" || echo "test-clients: $$* cannot be installed here"; }; }; \
	need node nodejs npm; need npm npm; need kcat kcat; need javac default-jdk-headless; need mvn maven; \
	python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv python3 python3-venv; mkdir -p out/clients; \
	npm install --silent --no-package-lock --prefix out/clients kafkajs@2.2.4 || \
	  echo "test-clients: without npm there is no kafkajs, which is skipped"; \
	mvn -B -q -f scenarios/clients/java/pom.xml -Dmaven.repo.local=$(CURDIR)/out/clients/m2 -Dout=$(CURDIR)/out/clients/java package || \
	  echo "test-clients: without a JDK, Maven and its repository there are no Java programs, which are skipped"; \
	{ python3 -m venv out/clients/python && out/clients/python/bin/pip install -q -r scenarios/clients/python/requirements.txt; } || \
	  { rm -rf out/clients/python; echo "test-clients: without python3-venv and pip there are no Python clients, which are skipped"; }
	SANDCASTLE_CLIENTS=1 $(GO) test -count=1 -v -timeout 30m -run 'TestFranzGo|TestSarama|TestKafkaGo|TestKcat|TestKafkaJS|TestCrashCourse|TestJava|TestStreams|TestConnectStandalone|TestConnectDistributed|TestKafkaPython|TestAIOKafka|TestConfluentKafka' ./broker/host

# Apache ZooKeeper (Debian's package) as the store of our brokers, and its own command line on our server.
test-zookeeper:
	@test -x /usr/share/zookeeper/bin/zkCli.sh && command -v java >/dev/null || apt-get install -y zookeeper default-jre-headless
	SANDCASTLE_ZOOKEEPER=1 $(GO) test -count=1 -run 'TestApacheZooKeeper|TestZkCli' -v -timeout 10m ./broker/host

# Every answer of a broker beside those of Apache Kafka 3.9 and 4.x, which Maven fetches once into out/oracle; what
# may differ is broker/oracle/testdata/differences.tsv. Needs Java and Maven, and says so without them. ORACLE picks
# some exchanges, as in `make test-oracle ORACLE=fetch/`.
ORACLE ?=
test-oracle:
	SANDCASTLE_ORACLE=1 SANDCASTLE_ORACLE_ONLY='$(ORACLE)' $(GO) test -count=1 -run 'TestOracle' -v -timeout 40m ./broker/oracle

# Brokers in processes of their own, killed with kill -9 under load, CRASHES times: nothing acknowledged is lost.
CRASHES ?= 20
test-crash:
	SANDCASTLE_CRASHES=$(CRASHES) $(GO) test -count=1 -run 'TestCrashes' -v -timeout 60m ./cmd/sandcastle

# A sweep in four tasks on Debian's Slurm, one of them killed on the way and run again, beside one process. Its files
# are in out/slurm.
test-slurm:
	@command -v slurmctld >/dev/null && command -v munged >/dev/null || apt-get install -y --no-install-recommends slurm-wlm munge || \
	  echo "test-slurm: there is no Slurm here, and it cannot be installed"
	SANDCASTLE_SLURM=1 $(GO) test -count=1 -run 'TestSlurm' -v -timeout 10m ./cmd/sandcastle

# Noise on hundreds of connections to three brokers for NOISE seconds: they live, and others are served.
NOISE ?= 60
test-noise:
	SANDCASTLE_NOISE=$(NOISE) $(GO) test -race -count=1 -run 'TestNoise' -v -timeout 60m ./broker/host

# TOPICS topics of ten partitions, each on REPLICAS of three brokers in one process, which start, serve and stop
# within 20,000 descriptors: the time, memory and descriptors that it takes.
TOPICS ?= 2000
REPLICAS ?= 2
test-partitions:
	SANDCASTLE_TOPICS="$(TOPICS) $(REPLICAS)" $(GO) test -count=1 -run 'TestManyPartitions' -v -timeout 60m ./broker/host

# Three brokers in processes of their own for SOAK seconds, one of them killed with kill -9 every 15 s, under
# idempotent producers and groups that come and go: nothing is lost, doubled or out of order, and no process grows.
SOAK ?= 600
soak:
	SANDCASTLE_SOAK=$(SOAK) $(GO) test -count=1 -run 'TestSoak$$' -v -timeout $$(($(SOAK) + 900))s ./cmd/sandcastle

# Twenty million records through one broker: what memory it takes.
soak-memory:
	SANDCASTLE_MEMORY=1 $(GO) test -count=1 -run 'TestMemory$$' -v -timeout 20m ./cmd/sandcastle

# The same client against kfake, franz-go's fake cluster in memory, and against brokers here.
bench-clients:
	GOGC=400 $(GO) test -run '^$$' -bench 'Produce|Consume' -benchtime 5x -count 5 ./broker/host

clean:
	rm -rf bin out
