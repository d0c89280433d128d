namespace Im.Client;

/// <summary>What a rendezvous is doing.</summary>
public enum RendezvousStep
{
    /// <summary>Asks the server for the first time.</summary>
    Asking,

    /// <summary>The server knows; the peer has not come yet.</summary>
    WaitingForPeer,

    /// <summary>The server could not be asked, and will be asked again; as soon as it answers, it is <see cref="WaitingForPeer"/>.</summary>
    Retrying,

    /// <summary>Both sides have the key.</summary>
    Completed,
}

/// <summary>One report of a rendezvous.</summary>
/// <param name="Step">What it is doing.</param>
/// <param name="Error">Why it is <see cref="RendezvousStep.Retrying"/>; else null.</param>
/// <param name="RetryIn">After which time it asks again; null unless it is <see cref="RendezvousStep.Retrying"/>.</param>
public sealed record RendezvousProgress(RendezvousStep Step, ImException? Error = null, TimeSpan? RetryIn = null);
