package znode

import (
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Endpoint is one advertised listener of a broker.
type Endpoint struct {
	// Listener is the listener's name, "PLAINTEXT" when nobody chose another.
	Listener string
	// Protocol is the security protocol: "PLAINTEXT", "SSL", "SASL_PLAINTEXT" or "SASL_SSL".
	Protocol string
	Host     string
	Port     int32
}

// Addr is where to dial it, "host:port".
func (e Endpoint) Addr() string { return model.JoinAddress(e.Host, e.Port) }

// Broker is the content of /brokers/ids/N.
type Broker struct {
	ID        kafka.BrokerID
	Endpoints []Endpoint
	// Rack is broker.rack; "" is none.
	Rack string
	// Timestamp is when the broker registered, in milliseconds.
	Timestamp int64
}

// Endpoint returns the endpoint of the listener called name.
func (b Broker) Endpoint(name string) (Endpoint, bool) {
	for _, e := range b.Endpoints {
		if e.Listener == name {
			return e, true
		}
	}
	return Endpoint{}, false
}

type brokerJSON struct {
	Features  struct{}          `json:"features"`
	Protocols map[string]string `json:"listener_security_protocol_map"`
	Rack      *string           `json:"rack,omitempty"`
	Endpoints []string          `json:"endpoints"`
	JMXPort   int32             `json:"jmx_port"`
	Port      int32             `json:"port"`
	Host      *string           `json:"host"`
	Version   int               `json:"version"`
	Timestamp string            `json:"timestamp"`
}

// EncodeBroker writes /brokers/ids/N, version 5. "host" and "port" are those of the first plaintext
// endpoint, for clients older than listeners; null and −1 when there is none.
func EncodeBroker(b Broker) []byte {
	j := brokerJSON{
		Protocols: make(map[string]string, len(b.Endpoints)), Endpoints: []string{},
		JMXPort: -1, Port: -1, Version: 5, Timestamp: strconv.FormatInt(b.Timestamp, 10),
	}
	if b.Rack != "" {
		j.Rack = &b.Rack
	}
	for i := range b.Endpoints {
		e := &b.Endpoints[i]
		if j.Host == nil && e.Protocol == "PLAINTEXT" {
			j.Host, j.Port = &e.Host, e.Port
		}
		j.Protocols[e.Listener] = e.Protocol
		j.Endpoints = append(j.Endpoints, e.Listener+"://"+e.Addr())
	}
	return encode(j)
}

// DecodeBroker reads /brokers/ids/N of the broker id, versions 2 to 5.
func DecodeBroker(id kafka.BrokerID, data []byte) (Broker, error) {
	path := BrokerIDPath(id)
	var j struct {
		Protocols map[string]string `json:"listener_security_protocol_map"`
		Rack      *string           `json:"rack"`
		Endpoints []string          `json:"endpoints"`
		Version   int               `json:"version"`
		Timestamp string            `json:"timestamp"`
	}
	if err := decode(path, data, &j); err != nil {
		return Broker{}, err
	}
	if j.Version < 2 {
		return Broker{}, malformed(path, data, "version below 2")
	}
	b := Broker{ID: id}
	b.Timestamp, _ = strconv.ParseInt(j.Timestamp, 10, 64) // informative only
	if j.Rack != nil {
		b.Rack = *j.Rack
	}
	for _, text := range j.Endpoints {
		e, ok := parseEndpoint(text, j.Protocols)
		if !ok {
			return Broker{}, malformed(path, data, "endpoint "+strconv.Quote(text))
		}
		b.Endpoints = append(b.Endpoints, e)
	}
	return b, nil
}

// parseEndpoint reads "LISTENER://host:port". A listener that protocols does not name speaks the
// protocol of its own name, as before KIP-103.
func parseEndpoint(text string, protocols map[string]string) (Endpoint, bool) {
	listener, addr, ok := strings.Cut(text, "://")
	if !ok {
		return Endpoint{}, false
	}
	host, port, ok := model.SplitAddress(addr)
	if !ok {
		return Endpoint{}, false
	}
	listener = strings.ToUpper(listener)
	protocol, ok := protocols[listener]
	if !ok {
		known := []string{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}
		if !slices.Contains(known, listener) {
			return Endpoint{}, false
		}
		protocol = listener
	}
	return Endpoint{listener, protocol, host, port}, true
}
