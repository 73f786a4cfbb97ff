package fleet

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

const (
	encodingKey = "encoding"
	encoding    = "binary/orgsync-aes-gcm"
	keySize     = 32
)

var errCodec = errors.New("fleet: a payload cannot be decrypted with the keys given")

// Secure makes a client encrypt all payloads, and the texts of failures, with AES-256-GCM.
// The first key encrypts, all of them decrypt: to change keys, add the new one to every
// process, then put it first, and take the old one out when no history of it is kept.
func Secure(options *client.Options, key []byte, former ...[]byte) error {
	c := &codec{}
	for _, k := range append([][]byte{key}, former...) {
		if len(k) != keySize {
			return &FieldError{Field: "key", Reason: "is not 32 bytes long"}
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return err
		}
		c.keys = append(c.keys, aead)
	}
	options.DataConverter = converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), c)
	options.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: options.DataConverter, EncodeCommonAttributes: true,
	})
	return nil
}

type codec struct{ keys []cipher.AEAD }

// Encode encrypts payloads whole.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, err
		}
		nonce := make([]byte, c.keys[0].NonceSize())
		_, _ = rand.Read(nonce) // never fails
		sealed[i] = &commonpb.Payload{
			Metadata: map[string][]byte{encodingKey: []byte(encoding)},
			Data:     c.keys[0].Seal(nonce, nonce, plain, []byte(encoding)),
		}
	}
	return sealed, nil
}

// Decode leaves payloads alone that are not encrypted.
func (c *codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	opened := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[encodingKey]) != encoding {
			opened[i] = p
			continue
		}
		plain, err := c.open(p.GetData())
		if err != nil {
			return nil, err
		}
		opened[i] = &commonpb.Payload{}
		if err := proto.Unmarshal(plain, opened[i]); err != nil {
			return nil, errCodec
		}
	}
	return opened, nil
}

func (c *codec) open(data []byte) ([]byte, error) {
	for _, key := range c.keys {
		if n := key.NonceSize(); len(data) >= n {
			if plain, err := key.Open(nil, data[:n], data[n:], []byte(encoding)); err == nil {
				return plain, nil
			}
		}
	}
	return nil, errCodec
}
