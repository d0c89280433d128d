using Im.Domain;

namespace Im.WebApi.Wire;

/// <summary>The number on the wire of everything the service refuses. The HTTP status is the number without its last two digits.</summary>
internal static class ErrorMap
{
    // Every arm by name, so that a new code does not build until it has a number. A value outside the enum is a bug and throws.
#pragma warning disable CS8524
    internal static int NumberOf(ErrorCode code) => code switch
    {
        ErrorCode.ParameterError => 40000,
        ErrorCode.MalformedFrame => 40002,
        ErrorCode.WrongCredentials => 40101,
        ErrorCode.NotPermitted => 40300,
        ErrorCode.RegistrationClosed => 40300,
        ErrorCode.NoSession => 40301,
        ErrorCode.KeyModeMismatch => 40900,
        ErrorCode.NameTaken => 40901,
        ErrorCode.IdGap => 40902,
        ErrorCode.RateLimited => 42900,
        ErrorCode.QueueFull => 42901,
        ErrorCode.StoreUnavailable => 50300,
        // Over REST no connection exists that could close; these are then what a call finds instead of its session.
        ErrorCode.SessionEnded => 40301,
        ErrorCode.SessionLost => 40301,
        ErrorCode.TakenOver => 50300,
    };
#pragma warning restore CS8524
}
