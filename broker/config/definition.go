package config

import (
	_ "embed"
	"slices"
	"strings"
)

// definition is a setting as Kafka knows it, whether or not it has an effect here. The tables of
// definitions are the lines of broker.tsv and topic.tsv, in the order of the names.
type definition struct {
	name string
	kind valueType
	def  string // "" where hasDef is false: null
	// hasDef is false where Kafka's default is null.
	hasDef bool
	// valid are the values that pass Kafka's validator: "-" for all of the type, "low..high" for a
	// number, "a|b" for words ("~" before them where their case does not count), and nonempty,
	// throttled or version. Behind a comma stands one more value.
	valid  string
	update update
	origin origin
	doc    string // a sentence that says what it is for
}

// update says how a broker's setting is changed (DynamicBrokerConfig, 3.9).
type update string

// The ways in which a setting is changed.
const (
	updateReadOnly    update = "read-only"    // by a restart
	updateCluster     update = "cluster"      // while the broker runs, of one or of all brokers
	updatePerBroker   update = "per-broker"   // of one broker
	updatePerListener update = "per-listener" // of one broker, under listener.name.NAME.
	updateTopic       update = "topic"        // of a topic
)

// origin says whose setting it is.
type origin string

// The origins of settings. DescribeConfigs always tells those of Kafka 3.9, the others where they
// are set.
const (
	originKafka    origin = "3.9"
	originInternal origin = "internal" // of 3.9, hidden
	originNewer    origin = "4"        // of 4.x alone
	originThrottle origin = "throttle" // known to DynamicConfig.Broker alone
	originPlugin   origin = "plugin"   // read by a class that Kafka loads, as its authorizer
)

//go:embed broker.tsv
var brokerText string

//go:embed topic.tsv
var topicText string

// brokerDefinitions and topicDefinitions are read once. Nothing changes them.
var (
	brokerDefinitions = readDefinitions(brokerText)
	topicDefinitions  = readDefinitions(topicText)
)

func readDefinitions(text string) []definition {
	var list []definition
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		d := definition{
			name: f[0], kind: kindNamed(f[1]), hasDef: f[2] != "-", valid: f[3], update: update(f[4]),
			origin: origin(f[5]), doc: f[6],
		}
		if d.hasDef && f[2] != `""` {
			d.def = f[2]
		}
		list = append(list, d)
	}
	return list
}

// define finds a definition, nil when there is none of that name.
func define(list []definition, name string) *definition {
	at, found := slices.BinarySearchFunc(list, name, func(d definition, name string) int {
		return strings.Compare(d.name, name)
	})
	if !found {
		return nil
	}
	return &list[at]
}

// listenerPrefix begins the settings of one listener, listener.name.NAME.SETTING.
const listenerPrefix = "listener.name."

// defineBroker finds the definition of a broker's setting, also of one for a listener
// (DynamicBrokerConfig.ListenerConfigRegex, 3.9).
func defineBroker(name string) *definition {
	if d := define(brokerDefinitions, name); d != nil {
		return d
	}
	return define(brokerDefinitions, baseName(name))
}

// baseName is the name without its listener and mechanism, name itself where it has none.
func baseName(name string) string {
	rest, ok := strings.CutPrefix(name, listenerPrefix)
	if !ok {
		return name
	}
	_, base, _ := strings.Cut(rest, ".")
	for _, mechanism := range []string{
		"connections.max.reauth.ms", "sasl.jaas.config", "sasl.login.callback.handler.class",
		"sasl.login.class", "sasl.server.callback.handler.class",
	} {
		if strings.HasSuffix(base, "."+mechanism) {
			return mechanism
		}
	}
	return base
}

// pluginPrefixes begin settings that are for classes which Kafka loads; any name may follow.
func pluginPrefixes() []string {
	return []string{"config.providers.", "rlmm.config.", "rsm.config."}
}

// IsBrokerProperty tells whether Kafka has a broker's setting of that name, in 3.9 or 4.x.
func IsBrokerProperty(name string) bool {
	return defineBroker(name) != nil ||
		strings.HasPrefix(name, listenerPrefix) && baseName(name) != "" ||
		slices.ContainsFunc(pluginPrefixes(), func(p string) bool { return strings.HasPrefix(name, p) })
}

// BrokerProperties returns the name of every setting of a broker that Kafka has, sorted.
func BrokerProperties() []string { return names(brokerDefinitions) }

// TopicProperties returns the name of every setting of a topic that Kafka has, sorted.
func TopicProperties() []string { return names(topicDefinitions) }

func names(list []definition) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].name
	}
	return names
}

// HostProperties are the broker's settings that whoever runs the broker makes true, by addresses
// and directories.
func HostProperties() []string {
	return []string{
		"advertised.listeners", "broker.id", "inter.broker.listener.name",
		"listener.security.protocol.map", "listeners", "log.dir", "log.dirs", "node.id",
		"security.inter.broker.protocol", "zookeeper.connect",
	}
}

// HasEffect tells whether a broker's setting changes anything here.
func HasEffect(name string) bool {
	if s := synonym(name); s != nil {
		return TopicHasEffect(s.topic)
	}
	return find(brokerTable[:], name) != nil || slices.Contains(HostProperties(), name)
}

// TopicHasEffect tells whether a topic's setting changes anything here.
func TopicHasEffect(name string) bool { return find(topicTable[:], name) != nil }

// withoutEffect is what a description adds.
const withoutEffect = " It has no effect here."

// documentation is what DescribeConfigs tells of a setting (v3, KIP-569).
func (d *definition) documentation(effect bool) *string {
	doc := d.doc
	if !effect {
		doc += withoutEffect
	}
	return &doc
}
