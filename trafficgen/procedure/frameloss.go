package procedure

import "context"

// A FrameLossRow is the loss at falling loads.
type FrameLossRow struct {
	Points []LossPoint `json:"points"` // highest load first
}

// A LossPoint is the loss at one load.
type LossPoint struct {
	Load       float64 `json:"load"` // fraction of the highest
	OfferedFPS float64 `json:"offeredFps"`
	Sent       uint64  `json:"sent"`
	Lost       uint64  `json:"lost"`
	Ratio      float64 `json:"ratio"` // lost of sent
	// Invalid is why the tester disowns the point.
	Invalid string `json:"invalid,omitempty"`
}

// frameLoss offers 100 %, 90 %, … of the highest load until two loads in a
// row lost nothing (RFC 2544, section 26.3).
func (b *bench) frameLoss(ctx context.Context) error {
	row := &FrameLossRow{}
	b.row.FrameLoss = row
	clean := 0
	return b.sweep(ctx, func(load float64, t Trial) (done bool) {
		row.Points = append(row.Points, LossPoint{
			Load: load, OfferedFPS: t.OfferedFPS, Sent: t.Sent, Lost: t.Lost, Ratio: t.LossRatio(), Invalid: t.Invalid,
		})
		if t.Invalid != "" && b.row.TesterLimited == "" {
			b.row.TesterLimited = t.Invalid
		}
		if clean++; t.Lost > 0 || t.Invalid != "" {
			clean = 0
		}
		return clean == 2
	})
}

// sweep offers falling loads until judge says that it is done.
func (b *bench) sweep(ctx context.Context, judge func(load float64, t Trial) (done bool)) error {
	for i := 0; ; i++ {
		load := 1 - float64(i)*b.o.Step
		if load < b.o.Step/2 {
			return nil
		}
		t, err := b.offer(ctx, load*b.row.MaxFPS, b.o.Trial)
		if err != nil || judge(load, t) {
			return err
		}
	}
}
