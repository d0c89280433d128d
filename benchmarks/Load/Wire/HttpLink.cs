using System.Buffers.Text;
using System.Net;

namespace Im.Load.Wire;

/// <summary>A kept-alive HTTP/1.1 connection that posts JSON, one call at a time.</summary>
internal sealed class HttpLink : Link
{
    private readonly int _port;
    private readonly Output _request = new();
    private readonly Output _body = new();
    private Answered? _answered;

    internal HttpLink(Loop loop, int port)
        : base(loop)
    {
        _port = port;
        Connect(port, IPAddress.Loopback);
    }

    /// <summary>What is done with an answer.</summary>
    internal delegate void Answered(int status, ReadOnlySpan<byte> body);

    /// <summary>Posts; the answer is told later. The call before must have been answered.</summary>
    internal void Post(string path, string token, string body, Answered answered)
    {
        _answered = answered;
        _request.Clear();
        var text = $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{_port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        System.Text.Encoding.ASCII.GetBytes(text, _request.Take(text.Length));
        if (IsConnected)
        {
            Connected();
        }
    }

    protected override void Connected()
    {
        if (_request.Length > 0)
        {
            Loop.Output.Append(_request.Written);
            _request.Clear();
            Flush();
        }
    }

    protected override int Read(ReadOnlySpan<byte> bytes)
    {
        var head = bytes.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return 0;
        }

        var body = bytes[(head + 4)..];
        var taken = ReadBody(bytes[..(head + 2)], body);
        if (taken < 0)
        {
            return 0;
        }

        _ = Utf8Parser.TryParse(bytes[9..12], out int status, out _);
        _answered!(status, _body.Written);
        return head + 4 + taken;
    }

    protected override void Lost(string why) => throw new LoadException($"A connection for REST calls was lost: {why}.");

    /// <summary>How long the body was on the wire; negative: it is not whole yet.</summary>
    private int ReadBody(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        _body.Clear();
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        if (at >= 0)
        {
            _ = Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _);
            if (body.Length < length)
            {
                return -1;
            }

            _body.Append(body[..length]);
            return length;
        }

        return ReadChunks(body);
    }

    private int ReadChunks(ReadOnlySpan<byte> body)
    {
        var taken = 0;
        while (true)
        {
            var line = body[taken..].IndexOf("\r\n"u8);
            if (line < 0 || !Utf8Parser.TryParse(body[taken..], out int length, out _, 'x') || body.Length < taken + line + 2 + length + 2)
            {
                return -1;
            }

            _body.Append(body.Slice(taken + line + 2, length));
            taken += line + 2 + length + 2;
            if (length == 0)
            {
                return taken;
            }
        }
    }
}
