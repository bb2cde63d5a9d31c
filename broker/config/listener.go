package config

import "sandcastle/broker/znode"

// PlaintextListener is the name of the listener of a broker that has only one.
const PlaintextListener = "PLAINTEXT"

// AdvertisedListeners are the addresses that the broker tells of itself, one for each listener.
func (c *Broker) AdvertisedListeners() []znode.Endpoint {
	if len(c.Endpoints) > 0 {
		return c.Endpoints
	}
	return []znode.Endpoint{{
		Listener: c.InterBroker(), Protocol: "PLAINTEXT", Host: c.Host, Port: c.Port,
	}}
}

// InterBroker is the listener by which brokers reach each other.
func (c *Broker) InterBroker() string {
	if c.InterBrokerListener != "" {
		return c.InterBrokerListener
	}
	return PlaintextListener
}
