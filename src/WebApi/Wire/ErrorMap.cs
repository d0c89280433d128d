using Im.Domain;

namespace Im.WebApi.Wire;

/// <summary>The number and the name on the wire of everything the service refuses. The HTTP status is the number without its last two digits.</summary>
internal static class ErrorMap
{
    internal static int NumberOf(ErrorCode code) => Of(code).Number;

    // Every arm by name, so that a new code does not build until it has a number. A value outside the enum is a bug and throws.
#pragma warning disable CS8524
    internal static (int Number, string Name) Of(ErrorCode code) => code switch
    {
        ErrorCode.ParameterError => (40000, "parameter_error"),
        ErrorCode.MalformedFrame => (40002, "malformed_frame"),
        ErrorCode.WrongCredentials => (40101, "wrong_credentials"),
        ErrorCode.NotPermitted => (40300, "not_permitted"),
        ErrorCode.RegistrationClosed => (40300, "not_permitted"),
        ErrorCode.NoSession => (40301, "no_session"),
        ErrorCode.KeyModeMismatch => (40900, "key_mode_mismatch"),
        ErrorCode.NameTaken => (40901, "name_taken"),
        ErrorCode.IdGap => (40902, "id_gap"),
        ErrorCode.RateLimited => (42900, "rate_limited"),
        ErrorCode.QueueFull => (42901, "queue_full"),
        ErrorCode.StoreUnavailable => (50300, "store_unavailable"),
        // Over REST no connection exists that could close; these are then what a call finds instead of its session.
        ErrorCode.SessionEnded => (40301, "no_session"),
        ErrorCode.SessionLost => (40301, "no_session"),
        ErrorCode.TakenOver => (50300, "store_unavailable"),
    };
#pragma warning restore CS8524
}
