package tuzhan

import (
	"context"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Credentials supply the X-Token of a client. Make them with
// [AppCredentials], [AccessToken] or [TokenFunc]. They print and marshal as
// "[redacted]"; nothing gives them away but a call. They can be used for several clients,
// each of which gets tokens of its own.
type Credentials = kernel.Credentials

// AppCredentials are those of a self-built app (工作台-配置-数据集成-自建应用).
// The client asks for a token (getOrgAccessToken) when it first needs one,
// keeps it, renews it before its end (7,200 seconds), and asks again when a
// call is answered with code 100200 or HTTP 401: the call is then repeated,
// once, if another token comes back.
func AppCredentials(instanceAppID, instanceSecret string) Credentials {
	return kernel.AppCredentials(instanceAppID, instanceSecret)
}

// AccessToken is a token that someone else obtained. It is never renewed: when
// it ends, calls are refused with [ErrUnauthorized].
func AccessToken(value string) Credentials { return kernel.AccessToken(value) }

// TokenFunc asks fn for the token of every attempt, and again after a
// rejection: if it then returns another token, the call is repeated once. fn
// does its own caching, must be safe for concurrent use, and its errors, which
// reach the caller as they are, must be free of secrets.
func TokenFunc(fn func(ctx context.Context) (string, error)) Credentials { return kernel.TokenFunc(fn) }
