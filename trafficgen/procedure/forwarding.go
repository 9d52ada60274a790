package procedure

import "context"

// A ForwardingRow is how many frames a switch forwards when it is offered more
// than it can (RFC 2889, sections 5.4 and 5.6; the terms are RFC
// 2285's).
type ForwardingRow struct {
	// FRMOL is the forwarding rate at the maximum offered load.
	FRMOL float64 `json:"frmolFps"`
	// MFR is the highest forwarding rate at any load, MFRLoad that load as a
	// fraction of the highest.
	MFR     float64 `json:"mfrFps"`
	MFRLoad float64 `json:"mfrLoad"`
}

// forwarding offers falling loads until nothing is lost, and notes how much
// was forwarded of each.
func (b *bench) forwarding(ctx context.Context) error {
	row := &ForwardingRow{}
	b.row.Forwarding = row
	return b.sweep(ctx, func(load float64, t Trial) (done bool) {
		forwarded := 0.0
		if t.Sent > 0 {
			forwarded = min(t.WantedFPS, t.OfferedFPS) * float64(t.Received) / float64(t.Sent)
		}
		if load == 1 {
			row.FRMOL = forwarded
			b.row.TesterLimited = t.Invalid
		}
		if forwarded > row.MFR {
			row.MFR, row.MFRLoad = forwarded, load
		}
		return t.Lost == 0 && t.Invalid == ""
	})
}
