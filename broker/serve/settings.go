package serve

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/magiconair/properties"

	"sandcastle/broker/config"
	"sandcastle/broker/host"
	"sandcastle/model"
)

// setting is one line of a server.properties, wherever it came from.
type setting struct{ name, value, where string }

// settings are in order: of two with one name the later one counts.
type settings []setting

// gatherSettings reads the file, the environment and the flags, in this order, and the topics that
// the environment wants (KAFKA_CREATE_TOPICS).
func gatherSettings(o *Options, environ []string) (settings, []string, error) {
	var list settings
	if o.ConfigFile != "" {
		read, err := readProperties(o.ConfigFile)
		if err != nil {
			return nil, nil, err
		}
		list = read
	}
	fromEnv, topics := environmentSettings(environ)
	list = append(list, fromEnv...)
	for _, s := range o.Settings {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, nil, model.BadInput("--set %s: want name=value", s)
		}
		list = append(list, setting{strings.TrimSpace(name), strings.TrimSpace(value), "--set " + s})
	}
	return list, topics, list.check()
}

// readProperties reads a file in the format of Java's properties.
func readProperties(path string) (settings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, model.BadInput("--config: %s", model.PlainCause(err))
	}
	loader := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	read, err := loader.LoadBytes(data)
	if err != nil {
		return nil, model.BadInput("--config %s: %s", path, err)
	}
	var list settings
	for _, name := range read.Keys() {
		value, _ := read.Get(name)
		where := fmt.Sprintf("%s:%d", path, settingLine(string(data), name))
		list = append(list, setting{name, value, where})
	}
	return list, nil
}

// settingLine is the last line that sets name.
func settingLine(text, name string) int {
	found, n := 1, 0
	for line := range strings.Lines(text) {
		n++
		rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t\f"), name)
		if ok && strings.IndexAny(rest, "=: \t\n") == 0 {
			found = n
		}
	}
	return found
}

// environmentSettings reads KAFKA_LOG_RETENTION_MS as log.retention.ms, as the common images do:
// "__" stands for "_" and "___" for "-"; KAFKA_CFG_… is the same. What is for the JVM, for the
// image itself, or was put there by Kubernetes (KAFKA_PORT=tcp://…, KAFKA_SERVICE_…) is left alone.
func environmentSettings(environ []string) (list settings, topics []string) {
	slices.Sort(environ)
	for _, entry := range environ {
		variable, value, _ := strings.Cut(entry, "=")
		rest, ok := strings.CutPrefix(variable, "KAFKA_")
		if !ok || forTheImage(rest) || strings.HasPrefix(value, "tcp://") {
			continue
		}
		if rest == "CREATE_TOPICS" {
			topics = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == '\n' })
			continue
		}
		name := strings.ToLower(strings.TrimPrefix(rest, "CFG_"))
		name = strings.NewReplacer("___", "-", "__", "_", "_", ".").Replace(name)
		list = append(list, setting{name, value, variable})
	}
	return list, topics
}

// forTheImage reports whether a variable, without KAFKA_, is no setting of a broker.
func forTheImage(rest string) bool {
	for _, prefix := range []string{"OPTS", "HEAP_OPTS", "JVM_", "GC_", "JMX_", "LOG4J_", "TOOLS_",
		"HOME", "VERSION", "USER", "SERVICE_", "PORT_", "DEBUG", "BASE_DIR", "DATA_DIR", "CONF_DIR",
		"VOLUME_DIR", "MOUNTED_CONF_DIR"} {
		if strings.HasPrefix(rest, prefix) {
			return true
		}
	}
	return false
}

// check refuses what nobody knows.
func (l settings) check() error {
	for _, s := range l {
		if config.IsBrokerProperty(s.name) {
			continue
		}
		if near := model.Nearest(s.name, config.BrokerProperties()); near != "" {
			return model.BadInput("%s: Kafka has no broker setting %q; did you mean %q?", s.where, s.name,
				near)
		}
		return model.BadInput("%s: Kafka has no broker setting %q", s.where, s.name)
	}
	return nil
}

// idle are the settings that change nothing.
func (l settings) idle() []string {
	var names []string
	for _, s := range l {
		if !config.HasEffect(s.name) {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// last is the setting that counts under a name.
func (l settings) last(name string) (setting, bool) {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].name == name {
			return l[i], true
		}
	}
	return setting{}, false
}

// apply sets all of them, each and together.
func (l settings) apply(cfg *config.Broker) error {
	for _, s := range l {
		if err := cfg.Set(s.name, s.value); err != nil {
			return model.BadInput("%s: %s", s.where, err)
		}
	}
	if err := cfg.Validate(); err != nil {
		return model.BadInput("the settings do not fit together: %s", err)
	}
	return nil
}

// brokerID is the id of a single broker, and whether it was supplied.
func (l settings) brokerID(o *Options, supplied func(string) bool) (int, bool, error) {
	if supplied("broker-id") {
		if o.BrokerID < 0 {
			return 0, false, model.BadInput("--broker-id %d: an id is 0 or more", o.BrokerID)
		}
		return o.BrokerID, true, nil
	}
	s, ok := l.last("broker.id")
	if n, named := l.last("node.id"); named && (!ok || s.value == "-1") { // its name in KRaft
		s, ok = n, true
	}
	if !ok || s.value == "-1" {
		return generatedID, false, nil
	}
	id, err := strconv.ParseInt(s.value, 10, 32)
	if err != nil || id < 0 {
		return 0, false, model.BadInput("%s: broker.id %q: want a number from 0 on", s.where, s.value)
	}
	return int(id), true, nil
}

func (l settings) logDir() (string, bool) {
	s, ok := l.last("log.dirs")
	if !ok {
		s, ok = l.last("log.dir")
	}
	return s.value, ok
}

// listeners reads listeners and advertised.listeners. Where only one of them was supplied the other
// follows from it, where none was they follow from the flags.
func (l settings) listeners(o *Options, port int) ([]host.ListenAt, error) {
	bound, err := l.endpoints("listeners")
	if err != nil {
		return nil, err
	}
	advertised, err := l.endpoints("advertised.listeners")
	if err != nil {
		return nil, err
	}
	if bound == nil {
		bound = []endpoint{{"PLAINTEXT", o.Bind, port}}
		if advertised != nil {
			bound = slices.Clone(advertised)
		}
		for i := range bound {
			bound[i].host = o.Bind
		}
	}
	var list []host.ListenAt
	for _, b := range bound {
		at := host.ListenAt{Name: b.name, Bind: b.addr(), Host: b.host, Port: int32(b.port)}
		i := slices.IndexFunc(advertised, func(e endpoint) bool { return e.name == b.name })
		switch {
		case i >= 0:
			at.Host, at.Port = advertised[i].host, int32(advertised[i].port)
		case at.Host == "" || at.Host == "0.0.0.0" || at.Host == "::" || at.Host == Loopback:
			at.Host = o.Advertised
		}
		list = append(list, at)
	}
	for _, a := range advertised {
		if !slices.ContainsFunc(bound, func(e endpoint) bool { return e.name == a.name }) {
			return nil, model.BadInput("advertised.listeners: there is no listener %s", a.name)
		}
		if a.host == "" || a.host == "0.0.0.0" || a.host == "::" {
			return nil, model.BadInput("advertised.listeners: %s needs a host that clients can reach",
				a.name)
		}
	}
	return list, nil
}

// interBroker is the name of the listener for other brokers.
func (l settings) interBroker(listeners []host.ListenAt) (string, error) {
	s, ok := l.last("inter.broker.listener.name")
	if !ok {
		return listeners[0].Name, nil
	}
	if !slices.ContainsFunc(listeners, func(at host.ListenAt) bool { return at.Name == s.value }) {
		return "", model.BadInput("%s: there is no listener %q", s.where, s.value)
	}
	return s.value, nil
}

// endpoint is one entry of listeners or advertised.listeners.
type endpoint struct {
	name, host string
	port       int
}

func (e endpoint) addr() string { return model.JoinAddress(e.host, int32(e.port)) }

// endpoints reads NAME://host:port,….
func (l settings) endpoints(name string) ([]endpoint, error) {
	s, ok := l.last(name)
	if !ok || s.value == "" {
		return nil, nil
	}
	var list []endpoint
	for text := range strings.SplitSeq(s.value, ",") {
		e, err := parseEndpoint(strings.TrimSpace(text))
		if err == nil {
			err = l.checkProtocol(e.name)
		}
		if err == nil && slices.ContainsFunc(list, func(o endpoint) bool { return o.name == e.name }) {
			err = fmt.Errorf("%s stands there twice", e.name)
		}
		if err != nil {
			return nil, model.BadInput("%s: %s: %s", s.where, name, err)
		}
		list = append(list, e)
	}
	return list, nil
}

func parseEndpoint(text string) (endpoint, error) {
	name, addr, ok := strings.Cut(text, "://")
	host, port, whole := model.SplitAddress(addr)
	if !ok || name == "" || !whole {
		return endpoint{}, fmt.Errorf("%q: want NAME://host:port with a port up to 65535, as in "+
			"PLAINTEXT://localhost:9092 or PLAINTEXT://[::1]:9092", text)
	}
	return endpoint{strings.ToUpper(name), host, int(port)}, nil
}

// checkProtocol refuses listeners that are not plaintext.
func (l settings) checkProtocol(name string) error {
	protocol := name
	if s, ok := l.last("listener.security.protocol.map"); ok {
		for entry := range strings.SplitSeq(s.value, ",") {
			if of, is, ok := strings.Cut(strings.TrimSpace(entry), ":"); ok && of == name {
				protocol = is
			}
		}
	}
	switch protocol {
	case "PLAINTEXT":
		return nil
	case "SSL", "SASL_PLAINTEXT", "SASL_SSL":
		return fmt.Errorf("%s is not there yet: only PLAINTEXT", protocol)
	default:
		return errors.New("no security protocol is known for the listener " + name +
			": add " + name + ":PLAINTEXT to listener.security.protocol.map")
	}
}
