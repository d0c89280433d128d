using System.Threading.Channels;

namespace Im.Client.Messaging;

/// <summary>Wakes the one writer. Several calls before it looks are one.</summary>
internal sealed class Wake
{
    private readonly Channel<bool> _slot = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _slot.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _slot.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
