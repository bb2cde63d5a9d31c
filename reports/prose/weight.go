package prose

// Weight ranks moments for views that have room for few.
type Weight uint8

const (
	Detail   Weight = iota // the page shows it in small print
	Ordinary               // worth a row
	Notable                // a change of roles, of owners, of the in-sync set
	Headline               // a fault, its end, an election, silence
)
