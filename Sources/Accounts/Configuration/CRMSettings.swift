/// How an account reads its CRM.
package struct CRMSettings: Hashable, Sendable {
  /// Properties of a deal or a contact that may hold the ad's id; the first one with a value counts.
  package var adIDProperties: [String]
  /// Parameters of a landing page's address that may hold the ad's id; the first one with a value counts.
  package var adURLParameters: [String]
  /// Days before a deal's making within which a click or a visit may have brought it, 1 to 3,650.
  package var attributionWindowDays: Int
  /// What one unit of another currency is worth in the account's, by the currency's letters.
  package var currencyRates: [String: Double]
  /// The account's stage for a stage of the CRM, by `pipeline/stage` or by `stage`. A stage that is not here is
  /// looked for by its name.
  package var stages: [String: String]

  /// How many entries a list or table of these settings may have.
  package static let entryLimit = 100

  /// The defaults of a new account: the names that ad tools and HubSpot itself give an ad's id.
  package init() {
    adIDProperties = ["ad_id", "fb_ad_id", "hsa_ad", "utm_content"]
    adURLParameters = ["ad_id", "hsa_ad", "utm_ad", "utm_content"]
    attributionWindowDays = 90
    currencyRates = [:]
    stages = [:]
  }
}
