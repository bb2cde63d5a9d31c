package oracle

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The Apache Kafka that ours is compared with, and the newer one beside it.
const (
	version39 = "3.9.0"
	version4  = "4.3.0"
)

// settings are what all brokers have in common.
const settings = `num.network.threads=2
num.io.threads=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
`

// notOfKafka are jars that Maven fetches for itself, and loggers that would answer in place of
// slf4j-simple.
var notOfKafka = regexp.MustCompile(`/org/apache/maven/|/codehaus/|/sonatype/|/classworlds/|/junit/|` +
	`/mockito/|/springframework/|/commons-cli/1\.[0-3]/|log4j-slf4j|log4j-1|/xml-apis/|/oro/|/doxia|` +
	`commons-beanutils-1.7|commons-digester-1.6|commons-validator-1.2|commons-logging-1.0|` +
	`commons-collections-3.2.1|tests.jar|/plexus|struts|velocity`)

// jars is a directory with the jars of one version of Kafka, which Maven fetches once.
func jars(t *testing.T, home, name, version string) string {
	libs := filepath.Join(home, "libs-"+name)
	if found, _ := filepath.Glob(filepath.Join(libs, "kafka_2.13-"+version+".jar")); len(found) > 0 {
		return libs
	}
	t.Logf("fetching the jars of Apache Kafka %s into %s", version, libs)
	repository := filepath.Join(home, "m2-"+name)
	for _, artifact := range []string{
		"org.apache.kafka:kafka_2.13:" + version, "org.slf4j:slf4j-simple:1.7.36",
	} {
		out, err := exec.Command("mvn", "-q", "dependency:get", "-Dartifact="+artifact,
			"-Dmaven.repo.local="+repository).CombinedOutput()
		require.NoError(t, err, "mvn: %s", out)
	}
	require.NoError(t, os.MkdirAll(libs, 0o755))
	require.NoError(t, filepath.WalkDir(repository, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".jar" || notOfKafka.MatchString(path) {
			return err
		}
		jar, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(libs, filepath.Base(path)), jar, 0o644)
	}))
	return libs
}

// freePort is a port of loopback on which nobody listens now.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs a program until the test ends, and returns when it accepts connections on port.
func start(t *testing.T, dir string, port int, name string, args ...string) string {
	require.NoError(t, os.MkdirAll(dir, 0o755))
	log, err := os.Create(filepath.Join(dir, "out.log"))
	require.NoError(t, err)
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		log.Close()
	})
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return addr
		}
		select {
		case err := <-ended:
			ended <- err
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("%s ended: %v\n%s", name, err, text)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not accept connections at %s, its log is %s", name, addr, log.Name())
	return ""
}

// java is the command line of a class of Kafka's jars.
func java(libs, heap, class string, args ...string) []string {
	return append([]string{
		"-Xms" + heap, "-Xmx" + heap, "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", libs + "/*", class,
	}, args...)
}

func writeFile(t *testing.T, path string, lines ...string) string {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	return path
}

// startKafka39 runs Apache Kafka 3.9 with a ZooKeeper and returns its address.
func startKafka39(t *testing.T, home, dir string) string {
	libs := jars(t, home, "3.9", version39)
	zk, port := freePort(t), freePort(t)
	zoo := writeFile(t, filepath.Join(dir, "zoo", "zoo.cfg"), "dataDir="+filepath.Join(dir, "zoo"),
		fmt.Sprintf("clientPort=%d", zk), "clientPortAddress=127.0.0.1", "maxClientCnxns=0",
		"admin.enableServer=false", "tickTime=2000")
	start(t, filepath.Join(dir, "zoo"), zk, "java", java(libs, "256M",
		"org.apache.zookeeper.server.quorum.QuorumPeerMain", zoo)...)
	listener := fmt.Sprintf("PLAINTEXT://127.0.0.1:%d", port)
	properties := writeFile(t, filepath.Join(dir, "server.properties"), settings,
		"broker.id=1", "log.dirs="+filepath.Join(dir, "data"), "listeners="+listener,
		"advertised.listeners="+listener, fmt.Sprintf("zookeeper.connect=127.0.0.1:%d", zk))
	return start(t, dir, port, "java", java(libs, "512M", "kafka.Kafka", properties)...)
}

// startKafka4 runs Apache Kafka 4.x as broker and controller and returns its address.
func startKafka4(t *testing.T, home, dir string) string {
	libs := jars(t, home, "4", version4)
	port, controller := freePort(t), freePort(t)
	listener := fmt.Sprintf("PLAINTEXT://127.0.0.1:%d", port)
	properties := writeFile(t, filepath.Join(dir, "server.properties"), settings,
		"process.roles=broker,controller", "node.id=1", "log.dirs="+filepath.Join(dir, "data"),
		fmt.Sprintf("controller.quorum.voters=1@127.0.0.1:%d", controller),
		fmt.Sprintf("listeners=%s,CONTROLLER://127.0.0.1:%d", listener, controller),
		"advertised.listeners="+listener, "controller.listener.names=CONTROLLER",
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"share.coordinator.state.topic.replication.factor=1",
		"share.coordinator.state.topic.min.isr=1", "share.coordinator.state.topic.num.partitions=4")
	out, err := exec.Command("java", java(libs, "256M", "kafka.tools.StorageTool", "format", "-t",
		"MkU3OEVBNTcwNTJENDM2Qk", "-c", properties)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return start(t, dir, port, "java", java(libs, "512M", "kafka.Kafka", properties)...)
}

// startOurs runs sandcastle serve and returns its broker's address.
func startOurs(t *testing.T, dir string) string {
	program := filepath.Join(dir, "sandcastle")
	out, err := exec.Command("go", "build", "-o", program, "sandcastle/cmd/sandcastle").CombinedOutput()
	require.NoError(t, err, "%s", out)
	port := freePort(t)
	return start(t, dir, port, program, "serve", "--brokers", "1", "--bind", "127.0.0.1",
		"--port", fmt.Sprint(port), "--zookeeper-port", fmt.Sprint(freePort(t)),
		"--data", filepath.Join(dir, "data"),
		"--config", writeFile(t, filepath.Join(dir, "server.properties"), settings))
}
