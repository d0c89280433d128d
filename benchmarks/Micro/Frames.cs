using BenchmarkDotNet.Attributes;
using Im.Domain;
using Im.WebApi.Messaging;

namespace Im.Micro;

/// <summary>What a frame costs without its socket: read, made into the recipient's, completed with its seq, answered.</summary>
[MemoryDiagnoser]
public class Frames
{
    private readonly Attachment _ann = Some.Attachment();
    private readonly byte[] _buffer = new byte[1024];
    private byte[] _msg = [];
    private byte[] _ack = [];
    private byte[] _body = [];

    /// <summary>Characters of the payload.</summary>
    [Params(128, 4096)]
    public int Payload { get; set; }

    /// <summary>Makes the frames.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var data = new string('x', Payload);
        _msg = Some.Utf8($$"""{"type":"msg","data":"{{data}}","id":12345}""");
        _ack = """{"type":"ack","seq":12345}"""u8.ToArray();
        _body = FrameWriter.MessageBody(Some.Utf8(data.Length > 512 ? data[..512] : data), _ann, DateTimeOffset.UnixEpoch, 12345);
    }

    /// <summary>Reads a message.</summary>
    [Benchmark]
    public bool ReadMsg() => FrameReader.Read(_msg, plain: false, out _) is null;

    /// <summary>Reads an acknowledgement.</summary>
    [Benchmark]
    public bool ReadAck() => FrameReader.Read(_ack, plain: false, out _) is null;

    /// <summary>Reads a message and makes what is stored of it.</summary>
    [Benchmark]
    public byte[] ReadMsgAndMakeBody()
    {
        FrameReader.Read(_msg, plain: false, out var frame);
        return FrameWriter.MessageBody(_msg.AsSpan()[frame.Data], _ann, DateTimeOffset.UnixEpoch, frame.Id);
    }

    /// <summary>Completes a message for its recipient.</summary>
    [Benchmark]
    public int CompleteMessage() => FrameWriter.Message(_body, 12345, _buffer);

    /// <summary>Writes the answer.</summary>
    [Benchmark]
    public byte[] WriteSent() => FrameWriter.Sent(12345, 12345, duplicate: false);
}
