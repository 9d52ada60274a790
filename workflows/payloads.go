package workflows

import (
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// largePayload is the size in bytes above which a payload is compressed. The
// server takes 2 MB: a plan with a hundred rounds of a repeat in each case, or
// the record of a thousand steps, has more. Whatever people read in the Web UI
// is far below.
const largePayload = 128 << 10

// DataConverter is the one that clients of these workflows must have. It is the
// SDK's own, but that it compresses what is large.
func DataConverter() converter.DataConverter {
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(),
		&largeCodec{converter.NewZlibCodec(converter.ZlibCodecOptions{})})
}

// largeCodec leaves small payloads as they are.
type largeCodec struct{ converter.PayloadCodec }

func (c *largeCodec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if out[i] = p; len(p.Data) <= largePayload {
			continue
		}
		packed, err := c.PayloadCodec.Encode([]*commonpb.Payload{p})
		if err != nil {
			return nil, err
		}
		out[i] = packed[0]
	}
	return out, nil
}
