/// How an account interprets its CRM.
package struct CRMSettings: Hashable, Sendable {
  /// Properties of a deal or a contact that may hold the ad's id; the first one with a value counts.
  package var adIDProperties: [String]
  /// Parameters of a landing page's URL that may hold the ad's id; the first one with a value counts.
  package var adURLParameters: [String]
  /// Days before a deal's creation within which a click or a visit may have brought it, 1 to 3,650.
  package var attributionWindowDays: Int
  /// The worth of one unit of another currency in the account's, by the currency's code.
  package var currencyRates: [String: Double]
  /// The account's stage for a stage of the CRM, by `pipeline/stage` or by `stage`. Other stages are found by their
  /// names.
  package var stages: [String: String]

  /// The most entries in a list or table of these settings.
  package static let entryLimit = 100

  /// The defaults of a new account: the names that ad tools and HubSpot itself use for an ad's id.
  package init() {
    adIDProperties = ["ad_id", "fb_ad_id", "hsa_ad", "utm_content"]
    adURLParameters = ["ad_id", "hsa_ad", "utm_ad", "utm_content"]
    attributionWindowDays = 90
    currencyRates = [:]
    stages = [:]
  }
}
