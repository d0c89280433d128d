using System.Net;
using System.Text;

namespace Im.Load.Wire;

/// <summary>A websocket of a client, by hand: upgrade, frames, pong, close.</summary>
internal abstract class WebSocketLink(Loop loop) : Link(loop)
{
    // The example of RFC 6455: the answer to a fixed key is a fixed one.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    // Masks need not be secret here, only different: xorshift32, shared by all sockets.
    private static uint s_mask = 2463534242;

    private Output? _message;
    private byte[]? _request;
    private bool _isOpen;

    /// <summary>Begins to connect and to ask for the upgrade.</summary>
    protected void Open(int port, IPAddress from, string path, string token, string? subprotocol)
    {
        _isOpen = false;
        _message = null;
        _request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n"
            + (subprotocol is null ? "" : $"Sec-WebSocket-Protocol: {subprotocol}\r\n")
            + $"Authorization: Bearer {token}\r\n\r\n");
        Connect(port, from);
    }

    protected sealed override void Connected()
    {
        Loop.Output.Append(_request);
        _request = null;
        Flush();
    }

    protected sealed override int Read(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        if (!_isOpen)
        {
            taken = bytes.IndexOf("\r\n\r\n"u8) + 4;
            if (taken < 4)
            {
                return 0;
            }

            if (!Upgrade(Encoding.ASCII.GetString(bytes[..taken])))
            {
                return taken;
            }
        }

        while (IsConnected && Framing.TryRead(bytes[taken..], out var head))
        {
            Take(head, bytes.Slice(taken + head.Start, head.Length));
            taken += head.Start + head.Length;
        }

        if (IsConnected)
        {
            AllRead();
        }

        return taken;
    }

    /// <summary>The server took the upgrade.</summary>
    protected abstract void Opened();

    /// <summary>The server refused the upgrade.</summary>
    /// <param name="status">The HTTP status.</param>
    protected abstract void Refused(int status);

    /// <summary>A whole text message came.</summary>
    protected abstract void Received(ReadOnlySpan<byte> message);

    /// <summary>All that had come is through: the moment to answer it in one go.</summary>
    protected virtual void AllRead()
    {
    }

    /// <summary>Writes a text frame into the loop's output.</summary>
    protected void AppendText(ReadOnlySpan<byte> payload) => Framing.Append(Loop.Output, Framing.Text, payload, NextMask());

    private bool Upgrade(string answer)
    {
        var status = int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
        if (status != 101)
        {
            Abort();
            Refused(status);
            return false;
        }

        if (!answer.Contains(Accept, StringComparison.Ordinal))
        {
            throw new LoadException("An upgrade was answered with a wrong Sec-WebSocket-Accept.");
        }

        _isOpen = true;
        Opened();
        return true;
    }

    private void Take(Framing.Head head, ReadOnlySpan<byte> payload)
    {
        switch (head.Opcode)
        {
            case Framing.Text when head.IsFinal:
                Received(payload);
                break;
            case Framing.Text or Framing.Continuation:
                (_message ??= new Output()).Append(payload);
                if (head.IsFinal)
                {
                    Received(_message.Written);
                    _message = null;
                }

                break;
            case Framing.Ping:
                Framing.Append(Loop.Output, Framing.Pong, payload, NextMask());
                Flush();
                break;
            case Framing.Close:
                Abort();
                var code = payload.Length < 2 ? 1005 : (payload[0] << 8) | payload[1];
                Lost($"the server closed it with {code}");
                break;
            case Framing.Pong:
                break;
            default:
                throw new LoadException($"A frame with opcode {head.Opcode} came.");
        }
    }

    private static uint NextMask()
    {
        s_mask ^= s_mask << 13;
        s_mask ^= s_mask >> 17;
        s_mask ^= s_mask << 5;
        return s_mask;
    }
}
