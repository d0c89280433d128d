using System.Text.Json;
using Im.Domain;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary>Reads a client's text frame: one JSON object, unknown fields ignored, no field twice. Never throws, whatever the bytes.</summary>
internal static class FrameReader
{
    private static readonly string[] TypeNames = ["msg", "ack", "signal", "auth"];

    /// <summary>Reads one frame.</summary>
    /// <param name="text">The whole frame, UTF-8.</param>
    /// <param name="plain">Plain mode: only <c>msg</c> goes in, and its session, sender and recipient are ignored.</param>
    /// <param name="frame">The frame; only where there is no fault.</param>
    /// <returns>Null, or why it is refused.</returns>
    public static FrameFault? Read(ReadOnlySpan<byte> text, bool plain, out ClientFrame frame)
    {
        frame = default;
        try
        {
            var fields = new Fields();
            return Collect(text, ref fields) ?? Interpret(fields, plain, out frame);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a field's name whose escapes spell no text (a lone surrogate).
            return Malformed("The frame is not a JSON object.");
        }
    }

    private static FrameFault? Collect(ReadOnlySpan<byte> text, ref Fields fields)
    {
        var reader = new Utf8JsonReader(text);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return Malformed("The frame is not a JSON object.");
        }

        var seen = 0;
        HashSet<string>? unknown = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var field = KnownField(ref reader);
            var twice = field >= 0 ? (seen & (1 << field)) != 0 : !(unknown ??= []).Add(reader.GetString()!);
            if (twice)
            {
                return Malformed("A field is given twice.");
            }

            reader.Read();
            if (field >= 0)
            {
                seen |= 1 << field;
                fields.Set(field, ref reader);
            }

            reader.Skip();
        }

        // Whatever stands behind the object makes the reader throw.
        reader.Read();
        return null;
    }

    private static int KnownField(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Fields.Names.Length; i++)
        {
            if (reader.ValueTextEquals(Fields.Names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static FrameFault? Interpret(in Fields fields, bool plain, out ClientFrame frame)
    {
        frame = default;
        if (fields.Type is not { } type)
        {
            return Malformed("The field type is required and is a string.");
        }

        var known = Array.IndexOf(TypeNames, type);
        if (known < 0 || (plain && known != (int)FrameType.Msg))
        {
            return new FrameFault(WireRefusals.UnknownType.Number, WireRefusals.UnknownType.Sentence);
        }

        return (FrameType)known switch
        {
            FrameType.Msg => ReadMsg(fields, plain, out frame),
            FrameType.Ack => ReadAck(fields, out frame),
            FrameType.Signal => ReadSignal(fields, out frame),
            _ => ReadAuth(fields, out frame),
        };
    }

    private static FrameFault? ReadMsg(in Fields fields, bool plain, out ClientFrame frame)
    {
        frame = new ClientFrame { Type = FrameType.Msg, Data = fields.Data ?? default, Id = fields.Id.Number };
        if (fields.Id.IsGiven && fields.Id.Number is not (>= 1 and <= UserId.MaxValue))
        {
            return Malformed("The id is an integer from 1 to 9007199254740991.", "msg");
        }

        if (fields.Data is null)
        {
            return Malformed("The field data is required and is a string.", "msg", fields.Id.Number);
        }

        if (plain)
        {
            return null;
        }

        if (!fields.ToUserId.IsNumberOrAbsent || !fields.FromUserId.IsNumberOrAbsent || fields.SessionIsWrong)
        {
            return Malformed("The fields to_user_id and from_user_id are integers, session is a string.", "msg", fields.Id.Number);
        }

        frame = frame with { ToUserId = fields.ToUserId.Number, FromUserId = fields.FromUserId.Number, Session = fields.Session };
        return null;
    }

    private static FrameFault? ReadAck(in Fields fields, out ClientFrame frame)
    {
        frame = new ClientFrame { Type = FrameType.Ack, Seq = fields.Seq.Number ?? 0 };
        return fields.Seq.Number is >= 0 and <= UserId.MaxValue
            ? null
            : Malformed("The seq is an integer from 0 to 9007199254740991.", "ack");
    }

    private static FrameFault? ReadSignal(in Fields fields, out ClientFrame frame)
    {
        frame = new ClientFrame { Type = FrameType.Signal, Data = fields.Data ?? default };
        return fields.Data is null ? Malformed("The field data is required and is a string.", "signal") : null;
    }

    private static FrameFault? ReadAuth(in Fields fields, out ClientFrame frame)
    {
        frame = new ClientFrame { Type = FrameType.Auth, Token = fields.Token };
        return fields.Token is null ? Malformed("The field token is required and is a string.", "auth") : null;
    }

    private static FrameFault Malformed(string sentence, string? of = null, long? id = null) =>
        new(WireRefusals.MalformedFrame.Number, sentence, of, id);

    /// <summary>A field that should be an integer.</summary>
    private readonly record struct Integer(bool IsGiven, long? Number)
    {
        public bool IsNumberOrAbsent => !IsGiven || Number is not null;
    }

    /// <summary>The fields of all types as they stood; which of them matter is known only when the type is.</summary>
    private struct Fields
    {
        public static readonly string[] Names = ["type", "data", "id", "to_user_id", "from_user_id", "session", "seq", "token"];

        public string? Type;
        public Range? Data;
        public Integer Id;
        public Integer ToUserId;
        public Integer FromUserId;
        public string? Session;
        public bool SessionIsWrong;
        public Integer Seq;
        public string? Token;

        public void Set(int field, ref Utf8JsonReader reader)
        {
            switch (field)
            {
                case 0: Type = KnownType(ref reader) ?? Text(ref reader); break;
                case 1: Data = Raw(ref reader); break;
                case 2: Id = Number(ref reader); break;
                case 3: ToUserId = Number(ref reader); break;
                case 4: FromUserId = Number(ref reader); break;
                case 5:
                    Session = Text(ref reader);
                    SessionIsWrong = Session is null;
                    break;
                case 6: Seq = Number(ref reader); break;
                default: Token = Text(ref reader); break;
            }
        }

        /// <summary>Saves the text of a type that every frame names.</summary>
        private static string? KnownType(ref Utf8JsonReader reader) => reader.TokenType is not JsonTokenType.String ? null
            : reader.ValueTextEquals("msg"u8) ? "msg"
            : reader.ValueTextEquals("ack"u8) ? "ack"
            : null;

        /// <summary>Null where it is no string, or one whose escapes spell no text: that is a fault only where the field matters.</summary>
        private static string? Text(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.TokenType is JsonTokenType.String ? reader.GetString() : null;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }

        private static Range? Raw(ref Utf8JsonReader reader)
        {
            if (reader.TokenType is not JsonTokenType.String)
            {
                return null;
            }

            // Behind the opening quote; the span holds the escapes as they were written.
            var start = (int)reader.TokenStartIndex + 1;
            return new Range(start, start + reader.ValueSpan.Length);
        }

        private static Integer Number(ref Utf8JsonReader reader) => reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var number)
            ? new Integer(true, number)
            : new Integer(true, null);
    }
}
