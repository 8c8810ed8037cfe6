/** SPDX normalisation of declared licenses and detection of license texts. */
export {};
