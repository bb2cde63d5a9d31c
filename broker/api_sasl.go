// SaslHandshake (key 17): v0–v1.
// Does: answers ILLEGAL_SASL_STATE, as a PLAINTEXT listener does: nobody has to say who he is.
// Does not: SASL.
// State: none.   Lessons: none of its own.
//
// SaslAuthenticate (key 36): v0–v2.
// Does: answers ILLEGAL_SASL_STATE. Does not: SASL.
// State: none.   Lessons: none of its own.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// handleSASLHandshake is KafkaApis.handleSaslHandshakeRequest (3.9): behind a listener with SASL
// the request is answered before it comes here.
func handleSASLHandshake(out *model.Effects, _ *kmsg.SASLHandshakeRequest, reply reply) {
	resp := kmsg.NewPtrSASLHandshakeResponse()
	resp.ErrorCode = int16(wire.IllegalSASLState)
	reply(out, resp)
}

func handleSASLAuthenticate(out *model.Effects, _ *kmsg.SASLAuthenticateRequest, reply reply) {
	resp, why := kmsg.NewPtrSASLAuthenticateResponse(), "this listener has no SASL"
	resp.ErrorCode, resp.ErrorMessage = int16(wire.IllegalSASLState), &why
	reply(out, resp)
}
