package oracle

// exchange is one scripted conversation with a broker. It is played once for each broker, on
// connections of its own.
type exchange struct {
	name string
	play func(*player)
}

// script is exchanges as they are written down.
type script struct{ exchanges []exchange }

func (cs *script) add(name string, play func(*player)) {
	cs.exchanges = append(cs.exchanges, exchange{name, play})
}

// exchanges are all of them, in the order in which they are played.
func exchanges() []exchange {
	var cs script
	cs.wireCases()
	cs.metadataCases()
	cs.createCases()
	cs.topicCases()
	cs.produceCases()
	cs.idempotenceCases()
	cs.fetchCases()
	cs.deleteRecordsCases()
	cs.offsetCases()
	cs.groupCases()
	cs.groupOffsetCases()
	cs.groupAdminCases()
	cs.configCases()
	cs.adminCases()
	cs.twiceCases()
	cs.twiceAdminCases()
	return cs.exchanges
}
