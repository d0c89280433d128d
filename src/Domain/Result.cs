using System.Diagnostics.CodeAnalysis;

namespace Im.Domain;

/// <summary>What a generic pipeline needs to answer with a refusal without knowing the value's type.</summary>
public interface IResult<TSelf>
    where TSelf : IResult<TSelf>
{
    /// <summary>The refusal, as this result type.</summary>
    static abstract TSelf Failure(Error error);
}

/// <summary>A value, or the reason why there is none. Converted implicitly from either.</summary>
public readonly struct Result<T> : IResult<Result<T>>
{
    private readonly T? _value;

    private Result(T? value, Error? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>Why there is no value; null when there is one.</summary>
    public Error? Error { get; }

    /// <summary>Whether there is a value; to be asked before <see cref="Value"/>.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Error is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">This is a refusal: asking for its value is a bug.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"A refusal ({Error.Code}) has no value.");

    /// <summary>So that a handler returns the bare value.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>So that a handler returns the bare refusal.</summary>
    public static implicit operator Result<T>(Error error) => new(default, error);

    /// <summary>The refusal, for a pipeline that does not know <typeparamref name="T"/>.</summary>
    public static Result<T> Failure(Error error) => error;

    /// <summary>The value as a result, where it does not convert by itself: C# has no conversion from an interface.</summary>
    public static Result<T> Success(T value) => new(value, null);
}

/// <summary>The value of a step that has nothing to say but that it worked.</summary>
public readonly record struct Done;
