using Im.Application.Accounts;
using Im.WebApi.Security;

namespace Im.WebApi.Messaging;

/// <summary>
/// Ends a connection when its token does. Looked at by the sweep; a timer exists only in the last moments, so an idle
/// connection has none. Thread-safe.
/// </summary>
internal sealed class TokenLife(ValidatedToken token, TimeProvider clock, Action expired) : IDisposable
{
    private readonly Lock _lock = new();
    private ValidatedToken _present = token;
    private int _turn;
    private ITimer? _timer;
    private bool _isOver;

    /// <summary>Ends the connection if it is time, or sees to it that it happens on time.</summary>
    public void Check()
    {
        lock (_lock)
        {
            var left = _present.ExpiresAt + TokenValidator.ClockSkew - clock.GetUtcNow();
            if (_isOver || left > Sweep.Interval + TimeSpan.FromSeconds(1))
            {
                return;
            }

            if (left > TimeSpan.Zero)
            {
                _timer ??= clock.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            _isOver = true;
        }

        expired();
    }

    /// <summary>A fresh token: the connection now lives until that one expires.</summary>
    /// <param name="fresh">The token.</param>
    /// <param name="turn">Which one, counted from 1. Several may be judged at once: the last that was sent holds.</param>
    public void Renew(ValidatedToken fresh, int turn)
    {
        lock (_lock)
        {
            if (turn < _turn)
            {
                return;
            }

            (_present, _turn) = (fresh, turn);
        }

        Check();
    }

    /// <summary>Ends the connection if its present token is among the revoked ones.</summary>
    public void Revoke(Revocation revocation)
    {
        lock (_lock)
        {
            if (_isOver || !revocation.Covers(_present.IssuedAt))
            {
                return;
            }

            _isOver = true;
        }

        expired();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _timer?.Dispose();
        }
    }
}
