package config

import (
	"maps"
	"slices"
)

// topicSettings are what a topic has set of its own, and what follows from that.
type topicSettings struct {
	own map[string]string
	cfg Topic
}

// Topic is what holds for a topic that was loaded.
func (s *Settings) Topic(name string) Topic {
	settings, ok := s.topics[name]
	if !ok {
		panic("config: the configuration of topic " + name + " was not loaded")
	}
	return settings.cfg
}

// Loaded tells whether it is known what a topic has set of its own.
func (s *Settings) Loaded(topic string) bool {
	_, ok := s.topics[topic]
	return ok
}

// LoadTopic takes over what a topic has set of its own.
func (s *Settings) LoadTopic(name string, own map[string]string) { s.topics[name] = s.resolve(own) }

// ForgetTopic drops what is known of a topic.
func (s *Settings) ForgetTopic(name string) { delete(s.topics, name) }

// Resolve is what holds for a topic that has these settings of its own.
func (s *Settings) Resolve(own map[string]string) Topic { return s.resolve(own).cfg }

// resolve puts a topic's own settings on top of the defaults. Settings that do not parse, which
// only another program can have written, count as none.
func (s *Settings) resolve(own map[string]string) topicSettings {
	cfg := s.broker.Topic
	for i := range topicTable {
		name := topicTable[i].name
		if value, ok := own[name]; ok && cfg.Set(name, value) != nil {
			return topicSettings{map[string]string{}, s.broker.Topic}
		}
	}
	_, cfg.mayHaveGaps = own["cleanup.policy"]
	return topicSettings{own, cfg}
}

// ValidateTopic says whether a topic's own settings may be these, each alone and together
// (LogConfig.validate, 3.9).
func (s *Settings) ValidateTopic(own map[string]string) error {
	cfg := s.broker.Topic
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if err := cfg.Set(name, own[name]); err != nil {
			return err
		}
	}
	if err := validateTiering(own); err != nil {
		return err
	}
	return cfg.validate()
}
