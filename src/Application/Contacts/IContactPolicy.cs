using Im.Domain;

namespace Im.Application.Contacts;

/// <summary>Who may talk to whom. Asked before a key exchange, a session look-up and a connection.</summary>
public interface IContactPolicy
{
    /// <summary>Whether these two may exchange keys and messages.</summary>
    ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken);
}

/// <summary>The policy without a rule: anyone may talk to anyone. Stands down when another policy is there.</summary>
public sealed class OpenContactPolicy : IContactPolicy
{
    /// <summary>Always true.</summary>
    public ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken) => ValueTask.FromResult(true);
}
