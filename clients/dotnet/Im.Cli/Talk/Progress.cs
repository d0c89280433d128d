using Im.Client;

namespace Im.Cli.Talk;

/// <summary>Reports of a rendezvous at once and in order, where <see cref="Progress{T}"/> would post them to whatever thread comes.</summary>
internal sealed class Progress(Action<RendezvousProgress> tell) : IProgress<RendezvousProgress>
{
    public void Report(RendezvousProgress value) => tell(value);
}
