package scenarios

// The checks of logs believe no broker in what may be deleted. This file tells them what the
// scenario sets, and what operators ask for.

// tellSettings says what brokers and topics are set to from the beginning.
func (p *player) tellSettings() {
	book := p.watcher.Logs()
	for _, s := range p.s.Cluster.Config {
		book.SetBrokers(s.Name, s.Value)
	}
	for i := range p.s.Topics {
		t := &p.s.Topics[i]
		for _, s := range t.Config {
			book.SetTopic(t.Name, s.Name, s.Value)
		}
	}
}

// tellAltered says that an operator asks for other settings of a topic.
func (p *player) tellAltered(topic string, settings []Setting) {
	for _, s := range settings {
		p.watcher.Logs().AlterTopic(topic, s.Name, s.Value)
	}
}
