using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Im.Application.Accounts;
using Im.Application.Limits;

namespace Im.WebApi.Limits;

/// <summary>
/// How often an address may try to sign in, on all nodes together, and how many passwords the node hashes at once. Counted per
/// address and name, and per address; never per name alone, which would let anybody lock anybody out.
/// </summary>
internal sealed class LoginLimit(LimitsOptions options, IRates rates, TimeProvider clock) : IDisposable
{
    /// <summary>Calls that may wait for a core; one more is refused at once.</summary>
    private const int MaxWaiting = 64;

    private readonly SharedRate _perAddress = new("logins:address", options.LoginsPerMinute * 10, rates, clock);
    private readonly SharedRate _perName = new("logins", options.LoginsPerMinute, rates, clock);
    private readonly ConcurrencyLimiter _hashing = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Environment.ProcessorCount,
        QueueLimit = MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Counts one try; null if it may go on, else how long to wait.</summary>
    internal async ValueTask<TimeSpan?> TakeAsync(IPAddress? from, string? name, CancellationToken cancellationToken)
    {
        var address = $"{Network(from ?? IPAddress.None)}";
        var addressAndName = $"{address} {Remembered(name)}";

        // A name that is used up costs its address nothing: else whoever hammers one shuts out all who share the address. Beyond
        // that the address first: it bounds how many names one address can make anybody remember.
        return _perName.WaitHere(addressAndName) ?? _perAddress.TakeHere(address) ?? _perName.TakeHere(addressAndName)
            ?? await _perAddress.TakeEverywhereAsync(address, cancellationToken) ?? await _perName.TakeEverywhereAsync(addressAndName, cancellationToken);
    }

    /// <summary>Waits for one of the places in which a password may be hashed; not acquired when too many wait.</summary>
    internal ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken) => _hashing.AcquireAsync(1, cancellationToken);

    public void Dispose() => _hashing.Dispose();

    // Nobody has checked the name yet, and it is kept for a minute: all that no account can have are one.
    private static string Remembered(string? name) => name is { Length: <= AccountRules.MaxEmail } ? name.ToUpperInvariant() : "";

    // One household has 2^64 addresses of IPv6: their common half counts.
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
