using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Im.WebApi.Messaging;

namespace Im.FuzzTests.Targets;

/// <summary>RFC 6455, sections 5.2 to 5.6, once more: which messages stand in a client's bytes, up to where they break its rules.</summary>
internal sealed class SlowSocketReader(byte[] bytes, int maxMessage)
{
    private readonly List<(FrameReceiver.Kind Kind, string Text)> _found = [];
    private readonly List<byte> _message = [];
    private int _at;
    private int _opcode;
    private bool _isReported;

    /// <summary>The bytes end within a frame: whether what it would have been is said depends on how much is read at once.</summary>
    public bool IsCutOff { get; private set; }

    public List<(FrameReceiver.Kind Kind, string Text)> Read()
    {
        while (ReadFrame())
        {
        }

        return _found;
    }

    /// <summary>False: there are no more, or this one is broken.</summary>
    private bool ReadFrame()
    {
        if (bytes.Length - _at < 2)
        {
            return false;
        }

        var (first, second) = (bytes[_at], bytes[_at + 1]);
        var (isLast, opcode, isControl) = ((first & 0x80) != 0, first & 0x0f, (first & 0x08) != 0);
        _at += 2;
        if (ReadLength(second & 0x7f) is not { } length || bytes.Length - _at < 4)
        {
            return false;
        }

        var isBroken = (first & 0x70) != 0 || (second & 0x80) == 0 || length < 0 || (isControl && (!isLast || length > 125))
            || opcode is not (0 or 1 or 2 or 8 or 9 or 10) || (!isControl && (opcode == 0) != (_opcode != 0));
        if (isBroken)
        {
            return false;
        }

        var payload = Unmasked((int)Math.Min(length, bytes.Length - _at - 4));
        var isWhole = payload.Length == length;
        IsCutOff = !isWhole;
        if (isControl)
        {
            return isWhole && ReadControl(opcode);
        }

        _opcode = opcode == 0 ? _opcode : opcode;
        _message.AddRange(payload);
        return ReadPart(isLast && isWhole) && isWhole;
    }

    private long? ReadLength(int length)
    {
        var size = length switch { 126 => 2, 127 => 8, _ => 0 };
        if (bytes.Length - _at < size)
        {
            return null;
        }

        var field = bytes.AsSpan(_at, size);
        _at += size;
        return size switch { 2 => BinaryPrimitives.ReadUInt16BigEndian(field), 8 => BinaryPrimitives.ReadInt64BigEndian(field), _ => length };
    }

    private byte[] Unmasked(int length)
    {
        var mask = _at;
        var payload = bytes.AsSpan(_at + 4, length).ToArray();
        for (var i = 0; i < length; i++)
        {
            payload[i] ^= bytes[mask + (i % 4)];
        }

        _at += 4 + length;
        return payload;
    }

    private bool ReadControl(int opcode)
    {
        if (opcode == 8)
        {
            _found.Add((FrameReceiver.Kind.Closed, ""));
        }

        return opcode != 8;
    }

    private bool ReadPart(bool isLast)
    {
        var text = _message.ToArray();
        if (_opcode == 1 && !IsBeginningOfText(text))
        {
            return false;
        }

        if (!_isReported && _opcode == 2 && (text.Length > 0 || isLast))
        {
            Report(FrameReceiver.Kind.Binary);
        }
        else if (!_isReported && _opcode == 1 && text.Length > maxMessage)
        {
            Report(FrameReceiver.Kind.TooLong);
        }

        if (!isLast)
        {
            return true;
        }

        if (!_isReported)
        {
            _found.Add(Utf8.IsValid(text) ? (FrameReceiver.Kind.Text, Encoding.UTF8.GetString(text)) : (FrameReceiver.Kind.NoText, ""));
        }

        (_opcode, _isReported) = (0, false);
        _message.Clear();
        return Utf8.IsValid(text) || _found[^1].Kind is not FrameReceiver.Kind.NoText;
    }

    private void Report(FrameReceiver.Kind kind)
    {
        _found.Add((kind, ""));
        _isReported = true;
    }

    /// <summary>Whether more could still make it valid: at most three bytes of a last character are missing.</summary>
    private static bool IsBeginningOfText(ReadOnlySpan<byte> text)
    {
        var status = Utf8.ToUtf16(text, new char[text.Length + 1], out _, out _, replaceInvalidSequences: false, isFinalBlock: false);
        return status is not System.Buffers.OperationStatus.InvalidData;
    }
}
